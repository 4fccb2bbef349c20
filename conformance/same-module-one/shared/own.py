NAME = "package of one"
