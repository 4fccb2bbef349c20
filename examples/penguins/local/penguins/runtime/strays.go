package runtime

// attemptVariable is a variable of each step: the folder of its attempt. What the step starts inherits it, so that nothing of a run
// is left when it ends.
const attemptVariable = "ZENC_ATTEMPT"
