package airflow

import (
	"github.com/zenc-dev/zenc/backends"
	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
)

type checker struct {
	p        *ir.Pipeline
	settings settings
	diags    diag.List
}

func (c *checker) cannot(pos ir.Pos, format string, args ...any) *diag.Diagnostic {
	return c.diags.Errorf(diag.Pos(pos), diag.EngineCannot, "airflow: "+format, args...)
}

func (c *checker) check() {
	if s := c.p.Schedule; s != nil {
		if s.Every != 0 {
			if _, ok := backends.EveryAsCron(s.Every); !ok {
				c.cannot(s.EveryPos, "every: Airflow counts such an interval from its last run, not from a fixed moment").
					WithHelp("use an interval that divides an hour or a day, or cron:")
			} else if s.Start != "" {
				c.cannot(s.StartPos, "start: ticks of every would have to be counted from it").WithHelp("use cron: instead of every:")
			}
		}
		if s.Overlap != "allow" {
			c.cannot(s.OverlapPos, "overlap: %s: Airflow has no way to %s a run that is due while another one goes on", s.Overlap,
				map[string]string{"skip": "skip", "replace": "replace the one before by"}[s.Overlap]).
				WithHelp("max_active_runs: 1 lets it wait instead")
		}
	}
	if c.p.FailFast {
		c.cannot(c.p.Pos.FailFast, "fail_fast: Airflow's own fails the tasks that run as well").
			WithHelp("leave it out: what needs a failed step does not start")
	}
	if backends.HasFinally(c.p) && c.p.Timeout > 0 {
		c.cannot(c.p.Pos.Timeout, "timeout: when it is over, Airflow skips the steps of finally as well").
			WithHelp("give the steps a timeout each")
	}
	c.options(c.p.Options, dagArguments, "the DAG")
	for _, s := range c.p.Steps {
		c.step(s)
	}
}

func (c *checker) step(s *ir.Step) {
	if files := s.Artifacts(); len(files) > 0 && c.settings.artifacts == "" {
		c.cannot(files[0].Pos, "the %s %q has nowhere to be stored", files[0].Type, files[0].Name).
			WithHelp("say where with --option artifacts=s3://bucket/prefix, or in the stack's options")
	}
	if r := s.Retries; !c.settings.version.anyBackoff && r.Limit > 0 && r.Backoff > 1 && r.Backoff != 2 {
		c.cannot(r.Pos, "backoff: Airflow 2 knows the factor 2 alone, not %s", ir.FloatText(r.Backoff)).WithHelp("use backoff: 2")
	}
	c.resources(s)
	c.cache(s)
	c.foreach(s)
	if s.Kind == ir.Operator {
		c.operator(s)
	}
	c.options(s.Options, operatorArguments, "the operator")
}

func (c *checker) options(all []ir.Options, legal []string, what string) {
	t := backends.Target{Flavor: "airflow", Name: what, Member: "argument", Own: ownArguments, Legal: legal}
	fields := ir.For(all, "airflow")
	t.CheckFields(fields, &c.diags)
	for i := range fields {
		c.pythonNames(&fields[i].Value)
	}
}

// ownArguments are those that carry the meaning of the spec; another value would break it.
var ownArguments = []string{"task_id", "python_callable", "op_args", "op_kwargs", "templates_dict", "trigger_rule", "retries", "retry_delay",
	"retry_exponential_backoff", "max_retry_delay", "execution_timeout", "dag", "task_group", "dag_id", "schedule", "start_date", "end_date",
	"catchup", "params", "default_args", "max_active_runs", "max_active_tasks", "dagrun_timeout", "description", "fail_fast", "tags"}

// operatorArguments are the other arguments of an operator.
// https://airflow.apache.org/docs/task-sdk/stable/api.html#airflow.sdk.BaseOperator
var operatorArguments = []string{"allow_nested_operators", "depends_on_past", "doc", "doc_json", "doc_md", "doc_rst", "doc_yaml", "executor",
	"executor_config", "ignore_first_depends_on_past", "logger_name", "map_index_template", "max_active_tis_per_dag",
	"max_active_tis_per_dagrun", "on_execute_callback", "on_failure_callback", "on_retry_callback", "on_skipped_callback", "on_success_callback", "owner", "pool", "pool_slots", "priority_weight", "queue", "run_as_user", "show_return_value_in_logs",
	"wait_for_downstream", "wait_for_past_depends_before_skipping", "weight_rule"}

// dagArguments are the other arguments of a DAG. https://airflow.apache.org/docs/task-sdk/stable/api.html#airflow.sdk.DAG
var dagArguments = []string{"access_control", "dag_display_name", "doc_md", "is_paused_upon_creation", "max_consecutive_failed_dag_runs", "on_failure_callback", "on_success_callback",
	"owner_links", "render_template_as_native_obj", "sla_miss_callback"}
