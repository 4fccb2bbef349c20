"""Runs DAGs on a real Airflow, as the conformance tests want them: each once, by dag.test().

    python airflow_runner.py DAGS_FOLDER RESULTS < requests.json

Each request is {"case", "dag_id", "conf", "files": {step: [output, ...]}}; conf holds the
run's parameters, files names the outputs that are URLs. RESULTS becomes a list, in the
same order, of {"case", "status", "steps": {step: {"state", "attempts", "outputs"}}}. A
file output is {"file": its content}. On stdout, "=== CASE" precedes the log of each run.

All runs share one process and one fresh database, as tasks of one worker may.
"""

import functools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def configure(home, dags_folder):
    """Point Airflow, which reads this when it is imported, at folders of our own."""
    os.environ.update(
        AIRFLOW_HOME=home,
        AIRFLOW__CORE__DAGS_FOLDER=dags_folder,
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__LOGGING__LOGGING_LEVEL="ERROR",
    )
    subprocess.run([sys.executable, "-m", "airflow", "db", "migrate"], check=True)
    sys.path.append(dags_folder)  # as Airflow itself does


def load_dags(dags_folder):
    """Return the DAGs by id; a file that cannot be imported ends the program."""
    try:
        from airflow.dag_processing.dagbag import DagBag
    except ImportError:  # Airflow 2
        from airflow.models import DagBag

    bag = DagBag(dags_folder)
    if bag.import_errors:
        sys.exit("\n".join(f"{path}:\n{e}" for path, e in bag.import_errors.items()))
    return bag.dags


def catch_timeouts():
    """Let dag.test() of Airflow 2 go on after a task's timeout, as a worker does.

    The timeout is no Exception there, which is what dag.test() expects of a failed task.
    """
    import airflow.models.dag
    from airflow.exceptions import AirflowTaskTimeout

    run_task = getattr(airflow.models.dag, "_run_task", None)
    if run_task is None:  # Airflow 3
        return

    def caught(*args, **kwargs):
        try:
            return run_task(*args, **kwargs)
        except AirflowTaskTimeout as e:
            raise RuntimeError(str(e)) from e

    airflow.models.dag._run_task = caught


def sync_once():
    """Let dag.test() of Airflow 3 read the DAGs folder once, and not for every run."""
    try:
        import airflow.dag_processing.dagbag as module
    except ImportError:  # Airflow 2
        return
    module.BundleDagBag = functools.cache(module.BundleDagBag)
    module.sync_bag_to_db = functools.cache(module.sync_bag_to_db)


def shorten_waits():
    """Let dag.test() wait less than a second where nothing is left to run for a moment.

    It does so whenever tasks were skipped, or are to be tried again.
    """
    sleep = time.sleep

    def shorter(seconds):
        caller = sys._getframe(1).f_globals["__name__"]
        sleep(0.02 if caller in DAG_TEST else seconds)

    time.sleep = shorter


# The modules that dag.test() is in.
DAG_TEST = ("airflow.sdk.definitions.dag", "airflow.models.dag")


def run(dag, request):
    """Run a DAG to its end and return what became of it and of its steps."""
    from airflow.exceptions import ParamValidationError

    try:
        dag_run = dag.test(run_conf=request["conf"])
    except ParamValidationError as e:
        print(e)
        return {"case": request["case"], "status": "refused", "steps": {}}
    instances = {}
    for ti in dag_run.get_task_instances():
        instances.setdefault(ti.task_id, []).append(ti)
    steps = {
        task_id: outcome(tis, request["files"].get(task_id, {}))
        for task_id, tis in instances.items()
        if task_id in request["steps"]
    }
    for task_id, step in steps.items():
        for needed in dag.get_task(task_id).upstream_task_ids - steps.keys():
            # what makes the items of a mapped task is a part of its step
            made_by = needed.startswith(f"{task_id}_")
            if made_by and instances[needed][0].state == "failed":
                step["state"] = "failed"
    status = STATES.get(str(dag_run.state), str(dag_run.state))
    return {"case": request["case"], "status": status, "steps": steps}


# Airflow's word for a state, where the language has another.
STATES = {"success": "succeeded"}


def outcome(tis, files):
    """Return what became of a step: of a task, or of the instances of a mapped one."""
    tis = sorted(tis, key=lambda ti: ti.map_index)
    states = {str(ti.state) for ti in tis}
    order = ("failed", "upstream_failed", "success", "skipped")
    state = next((s for s in order if s in states), None)
    ran = [ti for ti in tis if ti.state != "skipped" or ti.map_index < 0]
    values = [outputs(ti, files) if ti.state == "success" else None for ti in tis]
    if state != "success":
        together = {}
    elif tis[0].map_index < 0:
        together = values[0]
    else:
        names = next(v for v in values if v is not None)
        together = {name: [v and v[name] for v in values] for name in names}
    return {
        "state": STATES.get(state, state or states.pop()),
        "attempts": sum(ti.try_number for ti in ran),
        "outputs": together,
    }


def outputs(ti, files):
    """Return the outputs of a task: its return value, with files by their content."""
    values = ti.xcom_pull(task_ids=ti.task_id, map_indexes=ti.map_index) or {}
    return {
        name: content(value, files[name]) if name in files else value
        for name, value in values.items()
    }


def content(url, kind):
    try:
        from airflow.sdk import ObjectStoragePath
    except ImportError:  # Airflow 2
        from airflow.io.path import ObjectStoragePath

    place = ObjectStoragePath(url)
    if kind == "file":
        return {"file": place.read_bytes().decode()}
    if kind == "object":
        return {"object": place.read_bytes().startswith(b"\x80")}
    return {
        "dir": {
            found.removeprefix(f"{place.path}/"): place.fs.cat_file(found).decode(
                "latin1"
            )
            for found in place.fs.find(place.path)
        }
    }


def main():
    dags_folder, results = sys.argv[1:]
    requests = json.load(sys.stdin)
    with tempfile.TemporaryDirectory(prefix="zenc-airflow-") as home:
        configure(home, dags_folder)
        dags = load_dags(dags_folder)
        catch_timeouts()
        shorten_waits()
        sync_once()
        done = []
        for request in requests:
            print(f"=== {request['case']}", flush=True)
            done.append(run(dags[request["dag_id"]], request))
    pathlib.Path(results).write_text(json.dumps(done), encoding="utf-8")


if __name__ == "__main__":
    main()
