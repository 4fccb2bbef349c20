"""Compares a DAG of dag-factory with the one that zenc has made of the same pipeline.

python compare_dags.py ORDERS_YML DAGS_FOLDER prints what differs, or that they are the same.
"""

import importlib
import sys

from dagfactory import load_yaml_dags

HELPER = "total_regions"  # what zenc's mapped task goes over is a task of its own


def structure(dag):
    """Return what a DAG has in common with another one: all that is said of it, by name."""
    tasks = {task.task_id: task for task in dag.tasks if task.task_id != HELPER}

    def needs(task):
        for name in task.upstream_task_ids:
            if name == HELPER:
                yield from dag.get_task(HELPER).upstream_task_ids
            else:
                yield name

    return {
        "dag_id": dag.dag_id,
        "description": dag.description,
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "schedule": dag.timetable.expression,
        **{
            name: {
                "needs": sorted(needs(task)),
                "mapped": task.is_mapped,
                "retries": task.retries,
                "retry_delay": task.retry_delay,
                "owner": task.owner,
                "start": (task.start_date or dag.start_date).isoformat(),
            }
            for name, task in tasks.items()
        },
    }


def main(orders, folder):
    sys.path.insert(0, folder)
    found = {}
    load_yaml_dags(globals_dict=found, config_filepath=orders)
    theirs = structure(found["orders"])
    ours = structure(importlib.import_module("orders").regions.dag)
    if theirs == ours:
        print("the same")
    for key in sorted(theirs.keys() | ours.keys()):
        if theirs.get(key) != ours.get(key):
            print(f"{key}: dag-factory {theirs.get(key)}, zenc {ours.get(key)}")


if __name__ == "__main__":
    main(*sys.argv[1:])
