"""Watches a stream, given as a query or a whole URL: client.py 'symbol=MNQH6&start_time=09:30'

Needs Python 3.10 and: pip install websockets msgpack numpy
"""

import asyncio
import sys

import msgpack
import numpy
import websockets

URL = "ws://127.0.0.1:8002/v1/vacuum-pressure/stream?"


async def watch(query):
    async with websockets.connect(query if "://" in query else URL + query) as socket:
        dtypes = {}
        async for frame in socket:
            message = msgpack.unpackb(frame)
            match message["type"]:
                case "runtime_config":
                    if message["protocol"] > 1:
                        sys.exit("the server speaks a newer protocol")
                    # f64 is <f8 in numpy: little-endian, eight bytes.
                    dtypes = {
                        f["name"]: f"<{f['dtype'][0]}{int(f['dtype'][1:]) // 8}"
                        for f in message["fields"]
                    }
                case "grid_update":
                    columns = message["columns"].items()
                    grid = {name: numpy.frombuffer(bin, dtypes[name]) for name, bin in columns}
                    depth = grid["rest_depth"].sum() if "rest_depth" in grid else None
                    print(message["seq"], message["ts_ns"], message["mid_price"], depth)
                case "error":
                    sys.exit(f"{message['code']}: {message['message']} ({message['hint']})")


asyncio.run(watch(sys.argv[1] if len(sys.argv) > 1 else ""))
