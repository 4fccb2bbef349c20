package airflow

// version is what a major version of Airflow calls things.
type version struct {
	modules map[string]string // of each name that a DAG file imports
	// anyBackoff says that the factor between delays is a number; else it is 2 or none.
	anyBackoff bool
}

// versions by the option airflow. 2 is 2.10 and later.
var versions = map[string]version{
	"2": {modules: map[string]string{
		"DAG":                  "airflow",
		"Param":                "airflow.models.param",
		"TaskGroup":            "airflow.utils.task_group",
		"task_group":           "airflow.decorators",
		"EmptyOperator":        "airflow.operators.empty",
		"CronTriggerTimetable": "airflow.timetables.trigger",
	}},
	"3": {anyBackoff: true, modules: map[string]string{
		"DAG":                  "airflow.sdk",
		"Param":                "airflow.sdk",
		"TaskGroup":            "airflow.sdk",
		"task_group":           "airflow.sdk",
		"EmptyOperator":        "airflow.providers.standard.operators.empty",
		"CronTriggerTimetable": "airflow.sdk",
	}},
}
