def extract():
    return {"1001": 301.27, "1002": 433.21, "1003": 502.22}


def transform(orders, first):
    assert first == 301.27
    total = round(sum(orders.values()), 2)
    summary = {"total_order_value": total}
    return {"total": total, "count": len(orders), "summary": summary}
