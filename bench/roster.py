"""The contestants, and on how many steps each is measured: slow ones on fewer."""

from contestants import Baseline, Generated, Peer, ZencRun

ZENC = "`zenc run`"
GENERATED = "the generated program"
BARE_SHELL = "bare fork and exec of the shell"
BARE_PYTHON = "bare fork and exec of python"
BARE_FORK = "bare fork of a warm interpreter"
BARE_SERVER = "bare fork server"

# Each shape in ascending order; a chain of one step is what a start is measured on, so that every contestant has it.
ALL = {
    "shell": [1, 100, 5000],
    "chain": [1, 100, 1000],
    "wide": [100, 1000],
    "fanout": [10_000],
}


def slow(chain, wide, fanout):
    """Return the sizes of a peer that is measured on one size of each shape."""
    return {"chain": [1, chain], "wide": [wide], "fanout": [fanout]}


def ours():
    """Return zenc and the loops that it is held against."""
    record = "a process for each step; journal, logs and results in files"
    loop = "a process for each step; no record"
    isolated = "a process for each step, with a group, a folder, a log and a result of its own; no record"
    forks = {"chain": [1, 100, 1000], "wide": [100, 1000], "fanout": [10_000]}
    return [
        ZencRun(ZENC, record, ALL),
        Generated(GENERATED, record, ALL),
        Baseline(BARE_SHELL, loop, {"shell": [1, 100, 5000]}, kind="shell"),
        Baseline(BARE_PYTHON, loop, {"chain": [1, 100], "wide": [100]}, kind="python"),
        Baseline(BARE_FORK, loop, forks, kind="fork"),
        Baseline(BARE_SERVER, isolated, forks, kind="server"),
    ]


def peers():
    """Return the other tools, each with no telemetry and with its state in a folder of its own."""
    return [
        Peer(
            "Airflow, `dag.test()`",
            "one process; states, values and logs in SQLite and files",
            slow(30, 100, 30),
            env={
                "AIRFLOW_HOME": "{state}",
                "AIRFLOW__CORE__DAGS_FOLDER": "{state}",
                "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
                "SCARF_ANALYTICS": "false",
            },
            package="apache-airflow",
            venv="airflow3",
            script="airflow_peer.py",
            first=("-m", "airflow", "db", "migrate"),
        ),
        Peer(
            "ZenML, local orchestrator",
            "one process; runs in SQLite, results and logs in files",
            slow(20, 20, 20),
            env={"ZENML_CONFIG_PATH": "{state}", "ZENML_ANALYTICS_OPT_IN": "false"},
            package="zenml",
            venv="bench-zenml",
            script="zenml_peer.py",
        ),
        Peer(
            "Metaflow, `run`",
            "a process for each step; results and logs in files",
            slow(10, 10, 10),
            env={
                "METAFLOW_HOME": "{state}",
                "METAFLOW_DATASTORE_SYSROOT_LOCAL": "{state}",
                "METAFLOW_USER": "bench",
            },
            extra={"chain": 1, "wide": 3, "fanout": 3},
            package="metaflow",
            venv="bench-metaflow",
            script="metaflow_peer.py",
        ),
        Peer(
            "Prefect",
            "threads; states and logs in SQLite, through a server",
            slow(100, 100, 100),
            env={
                "PREFECT_HOME": "{state}",
                "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
                "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
                "DO_NOT_TRACK": "1",
            },
            package="prefect",
            venv="bench-prefect",
            script="prefect_peer.py",
        ),
        Peer(
            "Dagster, in process",
            "one process; events and logs in SQLite and files",
            slow(100, 100, 100),
            env={"DAGSTER_HOME": "{state}", "DAGSTER_DISABLE_TELEMETRY": "yes"},
            package="dagster",
            venv="bench-dagster",
            script="dagster_peer.py",
            files={"dagster.yaml": "telemetry:\n  enabled: false\n"},
        ),
        Peer(
            "Luigi, four workers",
            "a process for each step; results in files",
            {"chain": [1, 100], "wide": [100, 1000], "fanout": [500]},
            package="luigi",
            venv="bench-luigi",
            script="luigi_peer.py",
            results="chain",
        ),
    ]
