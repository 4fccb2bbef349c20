def show(id, date, text, length, listed, mapped, in_2026):
    assert text == f"run {id} of {date}"
    assert listed == [id, date] and mapped == {"id": id} and length == len(id)
    assert in_2026 == date.startswith("2026-")
    return date[:10]
