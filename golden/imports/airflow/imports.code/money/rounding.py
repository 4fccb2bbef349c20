def cents(price):
    return round(price, 2)
