import helper

calls = []


def name():
    calls.append("name")
    return helper.NAME


def again(before):
    calls.append("again")
    return f"{before} {helper.NAME} {len(calls)}"
