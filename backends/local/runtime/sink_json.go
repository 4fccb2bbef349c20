package runtime

import "io"

// NewJSONSink writes every event as one JSON line; the last one is run_ended.
func NewJSONSink(w io.Writer) Sink { return jsonSink{w} }

type jsonSink struct{ out io.Writer }

// Event writes the event. What cannot be written is lost: the run does not depend on who watches it.
func (s jsonSink) Event(e Event) { _ = writeEvent(s.out, e) }
