raise RuntimeError("this package is not part of the pipeline")
