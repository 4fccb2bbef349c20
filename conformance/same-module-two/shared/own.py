NAME = "package of two"
