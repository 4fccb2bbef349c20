def params(**inputs):
    return {"import": 1, "value": 2}
