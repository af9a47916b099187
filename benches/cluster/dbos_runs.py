"""Measures durable workflows of DBOS Transact: `dbos_runs.py URL CALLERS` prints the runs a second of one and five steps."""

import asyncio
import sys
import time

from dbos import DBOS, DBOSConfig

WARM, SECONDS = 3, 8
url, callers = sys.argv[1], int(sys.argv[2])

config: DBOSConfig = {"name": "bench", "system_database_url": url, "log_level": "ERROR", "run_admin_server": False}
DBOS(config=config)


@DBOS.step()
async def step(n: int) -> int:
    return n + 1


@DBOS.workflow()
async def one(n: int) -> int:
    return await step(n)


@DBOS.workflow()
async def five(n: int) -> int:
    for _ in range(5):
        n = await step(n)
    return n


async def rate(flow) -> float:
    async def call(until: float) -> int:
        done = 0
        while time.monotonic() < until:
            await flow(1)
            done += 1
        return done

    async def all_for(seconds: float) -> float:
        begun = time.monotonic()
        done = sum(await asyncio.gather(*(call(begun + seconds) for _ in range(callers))))
        return done / (time.monotonic() - begun)

    await all_for(WARM)
    return await all_for(SECONDS)


async def main() -> None:
    rates = [await rate(one), await rate(five)]
    print(*(f"{rate:.1f}" for rate in rates))


DBOS.launch()
asyncio.run(main())
DBOS.destroy()
