# make test is everything that CI runs; make demo is the first success.

PYTHON  ?= python3
VENVS   := .venv
AIRFLOW2 := $(VENVS)/airflow2/bin/python
AIRFLOW3 := $(VENVS)/airflow3/bin/python
RUFF    := $(VENVS)/tools/bin/ruff

.PHONY: demo test venvs chromium node curl-jq lint golden fuzz screenshot bench bench-compile bench-venvs release packaging clean

## demo: build the example for each flavor, run it here, and show its report; needs Go and python3
demo:
	go build -o bin/zenc ./cmd/zenc
	rm -rf dist/demo
	bin/zenc build examples/penguins/pipeline.yaml --flavor airflow --option artifacts=file:///tmp/penguins -o dist/demo/airflow
	bin/zenc build examples/penguins/pipeline.yaml --flavor kubeflow -o dist/demo/kubeflow
	bin/zenc build examples/penguins/pipeline.yaml --flavor local -o dist/demo/local
	bin/zenc run examples/penguins/pipeline.yaml --dir dist/demo
	bin/zenc logs last publish --dir dist/demo
	bin/zenc report last --dir dist/demo

## test: everything; installs what it needs below .venv, and Chromium from the distribution
test: venvs chromium node curl-jq lint
	ZENC_NODE=$(CURDIR)/$(VENVS)/node ZENC_DAG_FACTORY=$(CURDIR)/$(VENVS)/dag-factory ZENC_RUFF=$(CURDIR)/$(RUFF) ZENC_TOOLS_PYTHON=$(CURDIR)/$(VENVS)/tools/bin/python ZENC_PRE_COMMIT=$(CURDIR)/$(VENVS)/pre-commit/bin/pre-commit ZENC_AIRFLOW2_PYTHON=$(CURDIR)/$(AIRFLOW2) \
	ZENC_AIRFLOW3_PYTHON=$(CURDIR)/$(AIRFLOW3) go test -timeout 25m ./...
	$(PYTHON) -m unittest discover -s templates/tests -p 'test_step.py'
	$(PYTHON) -m unittest discover -s templates/tests -p 'test_forkserver.py'
	$(PYTHON) -m unittest discover -s bench -p 'test_bench.py'
	$(AIRFLOW3) -m unittest discover -s templates/tests -p 'test_airflow.py'
	cd examples/penguins && $(PYTHON) -m unittest
	cd examples/penguins && go run ../../cmd/zenc test
	cd examples/penguins && for stack in airflow cluster local; do go run ../../cmd/zenc build pipeline.yaml --stack $$stack --check || exit 1; done
	$(MAKE) packaging

## lint: formatting and static checks of Go and Python
lint: $(VENVS)/tools/.ready
	test -z "$$(gofmt -l .)"
	go vet ./...
	$(RUFF) check .
	$(RUFF) format --check .

## venvs: the pinned Python environments of the tests
venvs: $(VENVS)/airflow2/.ready $(VENVS)/airflow3/.ready $(VENVS)/tools/.ready $(VENVS)/pre-commit/.ready $(VENVS)/lsp/.ready $(VENVS)/dag-factory/.ready

## chromium: the browser that the report of a run is tested in; installed, as root on Debian, if it is not there
chromium:
	command -v chromium > /dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium; }

## node: what reads the drawings and the schemas of zenc: Mermaid, Graphviz, and the YAML support of editors. Node itself is
## installed, as root on Debian, if it is not there
node: $(VENVS)/node/.ready

$(VENVS)/node/.ready:
	command -v npm > /dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nodejs npm; }
	rm -rf $(VENVS)/node && mkdir -p $(VENVS)/node
	npm install --prefix $(VENVS)/node --silent --no-audit --no-fund --ignore-scripts yaml-language-server@1.25.0 mermaid@12.3.0 @viz-js/viz@3.31.0
	touch $@

## curl-jq: the programs that the example of a GitHub workflow uses; installed, as root on Debian, if they are not there
curl-jq:
	{ command -v curl && command -v jq; } > /dev/null || { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends curl jq; }

$(VENVS)/uv/.ready:
	$(PYTHON) -m venv --clear $(VENVS)/uv
	$(VENVS)/uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
	touch $@

$(VENVS)/airflow2/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/airflow2
	$(VENVS)/uv/bin/uv pip install --quiet --python $(AIRFLOW2) apache-airflow==2.11.2
	touch $@

$(VENVS)/airflow3/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/airflow3
	$(VENVS)/uv/bin/uv pip install --quiet --python $(AIRFLOW3) apache-airflow==3.3.2 kubernetes==37.0.2
	touch $@

$(VENVS)/tools/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/tools
	$(VENVS)/uv/bin/uv pip install --quiet --python $(VENVS)/tools/bin/python ruff==0.17.6 pyyaml==6.0.3
	touch $@

$(VENVS)/lsp/.ready: $(VENVS)/uv/.ready cmd/zenc/testdata/neovim/requirements.txt
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/lsp
	$(VENVS)/uv/bin/uv pip install --quiet --python $(VENVS)/lsp/bin/python --require-hashes -r cmd/zenc/testdata/neovim/requirements.txt
	touch $@

$(VENVS)/pre-commit/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/pre-commit
	$(VENVS)/uv/bin/uv pip install --quiet --python $(VENVS)/pre-commit/bin/python pre-commit==4.7.0
	touch $@

# what docs/howto/from-dag-factory.md is compared with: the package alone, for the Airflow of the tests, which has what it imports
$(VENVS)/dag-factory/.ready: $(VENVS)/uv/.ready
	rm -rf $(VENVS)/dag-factory
	$(VENVS)/uv/bin/uv pip install --quiet --no-deps --python $(PYTHON) --target $(VENVS)/dag-factory dag-factory==1.1.0
	touch $@

# the tools that zenc run is measured beside, each in an environment of its own; Airflow is that of the tests
PEERS        := metaflow prefect dagster luigi zenml
PIN_metaflow := metaflow==2.19.39
PIN_prefect  := prefect==3.9.1
PIN_dagster  := dagster==1.13.29
PIN_luigi    := luigi==3.8.1
PIN_zenml    := zenml[local]==0.98.0

$(VENVS)/bench-%/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/bench-$*
	$(VENVS)/uv/bin/uv pip install --quiet --python $(VENVS)/bench-$*/bin/python '$(PIN_$*)'
	touch $@

bench-venvs: $(VENVS)/airflow3/.ready $(PEERS:%=$(VENVS)/bench-%/.ready)

## bench: zenc run beside its peers on the same pipelines, written to docs/benchmarks.md; about 12 minutes on two quiet cores.
## What cannot be installed is left out, and the table says so
bench:
	-$(MAKE) -k bench-venvs
	$(PYTHON) bench/bench.py --write docs/benchmarks.md

## bench-compile: what 10,000 steps take to compile for each flavor, beside what yaml.v3 takes to read them; and what a step costs
## that does nothing, beside a bare start of its shell or a bare fork of its interpreter
bench-compile:
	go test ./golden -run xxx -bench Large -benchtime 5x
	go test ./backends/local/runtime -run xxx -bench Overhead -benchtime 5x

## fuzz: SEEDS generated pipelines, from the seed FROM on, on zenc run, Airflow 3 and 2 and the reader of manifests
SEEDS ?= 200
FROM  ?= 1000
fuzz: venvs
	ZENC_AIRFLOW2_PYTHON=$(CURDIR)/$(AIRFLOW2) ZENC_AIRFLOW3_PYTHON=$(CURDIR)/$(AIRFLOW3) \
	go test ./conformance -run TestFuzz -v -timeout 0 -fuzz.seeds $(SEEDS) -fuzz.from $(FROM) -fuzz.engines manifest,airflow3,airflow2

$(VENVS)/packaging/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/packaging
	$(VENVS)/uv/bin/uv pip install --quiet --python $(VENVS)/packaging/bin/python twine==7.0.0 check-wheel-contents==0.6.3 trove-classifiers==2026.9.21.13
	touch $@

## release: archives and wheels of all platforms, and their checksums, in dist/release; by the very Go that go.mod names
release:
	rm -rf dist/release
	GOTOOLCHAIN=go$$(sed -n 's/^go //p' go.mod) go run ./packaging -o dist/release

## packaging: the same with the Go that is there, installed and used as docs/install.md says
packaging: $(VENVS)/packaging/.ready
	rm -rf dist/packaging
	go run ./packaging -o dist/packaging
	ZENC_RELEASE=$(CURDIR)/dist/packaging ZENC_VENVS=$(CURDIR)/$(VENVS) $(PYTHON) -m unittest discover -s packaging -p 'test_release.py'

## golden: rewrite the golden files
golden:
	go test ./golden -update

## screenshot: the picture of the documentation anew, docs/report.png
screenshot: chromium
	rm -rf dist/screenshot
	go run ./cmd/zenc run examples/penguins/pipeline.yaml --dir dist/screenshot
	ZENC_SCREENSHOT=$$(echo $(CURDIR)/dist/screenshot/.zenc/runs/*) go test ./backends/local/report -count 1 -run TestScreenshot

clean:
	rm -rf $(VENVS) dist
