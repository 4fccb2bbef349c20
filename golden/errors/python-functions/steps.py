import asyncio


def transform(rows):
    return rows


async def fetch(url):
    await asyncio.sleep(0)
    return url


def rows(n):
    for i in range(n):
        yield i + 1


async def stream(n):
    for i in range(n):
        yield i
