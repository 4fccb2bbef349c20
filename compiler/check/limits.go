package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/zenc-dev/zenc/compiler/diag"
	"github.com/zenc-dev/zenc/compiler/ir"
	"github.com/zenc-dev/zenc/compiler/spec"
)

// limits lowers retries, timeout, image and resources, with the pipeline's defaults.
func (c *checker) limits(s *step) {
	t, d := s.tree, c.defaultsOf(s)
	if d == nil {
		d = &spec.Defaults{}
	}
	s.out.Retries = c.retries(or(t.Retries, d.Retries))
	s.out.Timeout, _ = c.seconds(or(t.Timeout, d.Timeout))
	if cache := t.Cache; cache != nil {
		s.out.Cache = ir.Cache{On: cache.On == nil || cache.On.Value, Pos: ir.Pos(cache.Pos)}
		s.out.Cache.TTL, _ = c.seconds(cache.TTL)
	}
	s.out.Resources = c.resources(or(t.Resources, d.Resources))
	if image := or(t.Image, d.Image); image != nil {
		s.out.Image = image.Value
		if image.Value == "" || strings.ContainsFunc(image.Value, func(r rune) bool { return r <= ' ' || r == 0x7f }) || strings.Contains(image.Value, "{{") {
			c.diags.Errorf(image.Pos, diag.BadImage, "%q is not the name of an image", image.Value).WithHelp("such as python:3.12-slim")
		}
	}
}

func or[T any](a, b *T) *T {
	if a != nil {
		return a
	}
	return b
}

func (c *checker) retries(t *spec.Retries) ir.Retries {
	if t == nil {
		return ir.Retries{}
	}
	out := ir.Retries{Backoff: 1, Pos: ir.Pos(t.Pos)}
	if t.Limit != nil {
		out.Limit = int(t.Limit.Value)
	} else if t.Delay != nil || t.Backoff != nil || t.MaxDelay != nil || t.OnExitCodes != nil {
		c.diags.Errorf(t.Pos, diag.MissingKey, "retries has no limit").WithHelp("write {limit: 3, …}")
	}
	if t.Delay != nil {
		out.Delay = t.Delay.Seconds
	}
	if t.Backoff != nil {
		out.Backoff = t.Backoff.Value
	}
	if t.MaxDelay != nil {
		out.MaxDelay, _ = c.seconds(t.MaxDelay)
		if out.MaxDelay > 0 && out.MaxDelay < out.Delay {
			c.diags.Errorf(t.MaxDelay.Pos, diag.BadDuration, "max_delay is less than delay").WithNote(t.Delay.Pos, "delay")
		}
	}
	if codes := t.OnExitCodes; codes != nil {
		for _, n := range codes.Values {
			if c.exitCode(n, "on_exit_codes") && !slices.Contains(out.OnExitCodes, int(n.Value)) {
				out.OnExitCodes = append(out.OnExitCodes, int(n.Value))
			}
		}
		slices.Sort(out.OnExitCodes)
	}
	if out.Limit == 0 {
		return ir.Retries{}
	}
	return out
}

// exitCode reports a number that no process can end with.
func (c *checker) exitCode(n *spec.Int, key string) bool {
	if n.Value > 255 {
		c.diags.Errorf(n.Pos, diag.BadNumber, "%s: an exit code is at most 255, not %d", key, n.Value)
		return false
	}
	return true
}

var quantity = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei|[eE][-+]?[0-9]+)?$`)

func (c *checker) resources(t *spec.Resources) ir.Resources {
	if t == nil {
		return ir.Resources{}
	}
	out := ir.Resources{Pos: ir.Pos(t.Pos)}
	for _, q := range []struct {
		key  string
		from *spec.String
		to   *string
	}{{"cpu", t.CPU, &out.CPU}, {"memory", t.Memory, &out.Memory}, {"disk", t.Disk, &out.Disk}} {
		if q.from == nil {
			continue
		}
		if !quantity.MatchString(q.from.Value) {
			d := c.diags.Errorf(q.from.Pos, diag.BadQuantity, "%s: %q is not a Kubernetes quantity such as %s", q.key, q.from.Value, map[string]string{"cpu": "2 or 500m", "memory": "4Gi", "disk": "20Gi"}[q.key])
			if fixed := fixQuantity(q.from.Value); quantity.MatchString(fixed) {
				d.WithHelp("did you mean %q?", fixed)
			}
		} else if q.key != "cpu" && strings.HasSuffix(q.from.Value, "m") {
			c.diags.Errorf(q.from.Pos, diag.BadQuantity, "%s: %q is thousandths of a byte", q.key, q.from.Value).
				WithHelp("did you mean %q?", strings.TrimSuffix(q.from.Value, "m")+"Mi")
		}
		*q.to = q.from.Value
	}
	if t.GPU != nil {
		out.GPU = int(t.GPU.Value)
	}
	if t.GPUType != nil {
		out.GPUType = t.GPUType.Value
		if t.GPU == nil {
			c.diags.Errorf(t.GPUType.Pos, diag.MissingKey, "gpu_type says which GPU, but gpu does not say how many").WithHelp("add gpu: 1")
		}
	}
	return out
}

// fixQuantity turns 4GB, 4gb, 4 Gi and 512mb into 4G, 4Gi and 512M.
func fixQuantity(s string) string {
	s = strings.ReplaceAll(s, " ", "")
	number := strings.TrimRight(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	unit := strings.ToLower(s[len(number):])
	binary := strings.Contains(unit, "i")
	unit = strings.TrimSuffix(strings.TrimSuffix(unit, "b"), "i")
	if unit == "" {
		return s
	}
	unit = strings.ToUpper(unit)
	if unit == "K" && !binary {
		unit = "k"
	}
	if binary {
		unit += "i"
	}
	return fmt.Sprint(number, unit)
}
