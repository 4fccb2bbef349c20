"""Runs DAGs on a real Airflow 3 deployment: scheduler, LocalExecutor, API server, SQLite.

    python airflow_scheduler.py DAGS_FOLDER RESULTS DAG_ID...

Each DAG is triggered once through the CLI. RESULTS becomes {DAG_ID: {"status", "steps"}},
with the states of the run and of its tasks in Airflow's words. What the deployment logs,
those of the tasks included, is printed when all runs have ended or the time is over.
"""

import contextlib
import json
import os
import pathlib
import secrets
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

TIME_LIMIT = 600  # seconds for all runs
RUN_ID = "conformance"


def configure(home, dags_folder):
    """Set the environment of every process of the deployment."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = str(s.getsockname()[1])
    os.environ.update(
        AIRFLOW_HOME=home,
        AIRFLOW__API__HOST="127.0.0.1",
        AIRFLOW__API__PORT=port,
        AIRFLOW__API_AUTH__JWT_SECRET=secrets.token_hex(32),
        AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION="False",
        AIRFLOW__CORE__DAGS_FOLDER=dags_folder,
        AIRFLOW__CORE__EXECUTION_API_SERVER_URL=f"http://127.0.0.1:{port}/execution/",
        AIRFLOW__CORE__EXECUTOR="LocalExecutor",
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
    )
    return port


def airflow(*arguments):
    return [sys.executable, "-m", "airflow", *arguments]


@contextlib.contextmanager
def deployment(home, port):
    """Run the processes, each with a log in home, and end them after the block."""
    commands = {
        "api-server": ["api-server", "--port", port, "--workers", "1"],
        "scheduler": ["scheduler"],
        "dag-processor": ["dag-processor"],
    }
    running = []
    try:
        for name, arguments in commands.items():
            with open(os.path.join(home, f"{name}.out"), "wb") as log:
                running.append(
                    subprocess.Popen(
                        airflow(*arguments), stdout=log, stderr=log, process_group=0
                    )
                )
        yield
    finally:
        for process in running:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 15)
        for process in running:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.wait()


def query(home, sql, *parameters):
    path = pathlib.Path(home, "airflow.db")
    with contextlib.closing(
        sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True)
    ) as db:
        return db.execute(sql, parameters).fetchall()


def wait_until(condition, deadline):
    """Poll, since nothing tells an outsider; whether it held before the deadline."""
    while time.monotonic() < deadline:
        with contextlib.suppress(sqlite3.OperationalError):  # the database is locked
            if condition():
                return True
        time.sleep(0.5)
    return False


def run(home, dag_ids):
    """Trigger the DAGs once they are known and wait for the ends of their runs."""
    deadline = time.monotonic() + TIME_LIMIT

    def known():
        rows = query(home, "select dag_id from serialized_dag")
        return {row[0] for row in rows} >= set(dag_ids)

    def ended():
        rows = query(home, "select state from dag_run where run_id = ?", RUN_ID)
        states = [row[0] for row in rows]
        return len(states) == len(dag_ids) and {*states} <= {"success", "failed"}

    if not wait_until(known, deadline):
        return False
    for dag_id in dag_ids:
        subprocess.run(
            airflow("dags", "trigger", dag_id, "--run-id", RUN_ID),
            check=True,
            stdout=subprocess.DEVNULL,
        )
    return wait_until(ended, deadline)


def outcomes(home):
    """Return the states of the runs and of their tasks."""
    found = {}
    for dag_id, state in query(
        home, "select dag_id, state from dag_run where run_id = ?", RUN_ID
    ):
        tasks = query(
            home,
            "select task_id, state from task_instance where dag_id = ? and run_id = ?",
            dag_id,
            RUN_ID,
        )
        steps = {}
        for task_id, task_state in tasks:
            steps.setdefault(task_id, set()).add(task_state)
        together = {task_id: state_of(states) for task_id, states in steps.items()}
        found[dag_id] = {"status": state, "steps": together}
    return found


def state_of(states):
    """Return the state of a task, or of a mapped one by those of its instances."""
    for state in ("failed", "upstream_failed", "success"):
        if state in states:
            return state
    return ",".join(sorted(map(str, states)))


def main():
    dags_folder, results, *dag_ids = sys.argv[1:]
    with tempfile.TemporaryDirectory(prefix="zenc-airflow-") as home:
        port = configure(home, dags_folder)
        subprocess.run(airflow("db", "migrate"), check=True)
        with deployment(home, port):
            in_time = run(home, dag_ids)
        pathlib.Path(results).write_text(json.dumps(outcomes(home)), encoding="utf-8")
        for log in sorted(
            [*pathlib.Path(home).rglob("*.log"), *pathlib.Path(home).glob("*.out")]
        ):
            print(f"=== {log.relative_to(home)}\n{log.read_text(errors='replace')}")
    return 0 if in_time else "the runs did not end in time"


if __name__ == "__main__":
    sys.exit(main())
