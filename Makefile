# make test is everything that CI runs; make demo is the first success.

PYTHON  ?= python3
VENVS   := .venv
AIRFLOW3 := $(VENVS)/airflow3/bin/python
RUFF    := $(VENVS)/tools/bin/ruff

.PHONY: demo test venvs lint golden bench clean

## demo: build the example and show what comes out; needs Go and python3
demo:
	go run ./cmd/zenc check examples/penguins/pipeline.yaml
	cd examples/penguins && go run ../../cmd/zenc build pipeline.yaml --stack airflow --check && cat dags/penguins.py

## test: everything; installs what it needs below .venv
test: venvs lint
	ZENC_RUFF=$(CURDIR)/$(RUFF) ZENC_AIRFLOW3_PYTHON=$(CURDIR)/$(AIRFLOW3) go test ./...
	$(PYTHON) -m unittest discover -s templates/tests -p 'test_step.py'
	$(AIRFLOW3) -m unittest discover -s templates/tests -p 'test_airflow.py'
	cd examples/penguins && $(PYTHON) -m unittest
	cd examples/penguins && go run ../../cmd/zenc build pipeline.yaml --stack airflow --check

## lint: formatting and static checks of Go and Python
lint: $(VENVS)/tools/.ready
	test -z "$$(gofmt -l .)"
	go vet ./...
	$(RUFF) check .
	$(RUFF) format --check .

## venvs: the pinned Python environments of the tests
venvs: $(VENVS)/airflow3/.ready $(VENVS)/tools/.ready

$(VENVS)/uv/.ready:
	$(PYTHON) -m venv --clear $(VENVS)/uv
	$(VENVS)/uv/bin/pip install --quiet --disable-pip-version-check uv==0.13.9
	touch $@

$(VENVS)/airflow3/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/airflow3
	$(VENVS)/uv/bin/uv pip install --quiet --python $(AIRFLOW3) apache-airflow==3.3.2
	touch $@

$(VENVS)/tools/.ready: $(VENVS)/uv/.ready
	$(VENVS)/uv/bin/uv venv --quiet --clear --python $(PYTHON) $(VENVS)/tools
	$(VENVS)/uv/bin/uv pip install --quiet --python $(VENVS)/tools/bin/python ruff==0.17.6
	touch $@

## golden: rewrite the golden files
golden:
	go test ./golden -update

clean:
	rm -rf $(VENVS) dist
