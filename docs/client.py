"""Watches a stream, given as a query or a whole URL: client.py 'symbol=MNQH6&start_time=09:30'"""

import asyncio
import sys

try:
    import msgpack
    import numpy
    import websockets
except ImportError as error:
    sys.exit(f"{error}; to install what this needs: pip install websockets msgpack numpy")
QUERY = "".join(sys.argv[1:])
URL = QUERY if "://" in QUERY else "ws://127.0.0.1:8002/v1/vacuum-pressure/stream?" + QUERY


async def watch():
    async with websockets.connect(URL) as socket:
        async for frame in socket:
            message = msgpack.unpackb(frame)
            match message["type"]:
                case "runtime_config":
                    assert message["protocol"] == 1, "the server speaks another protocol"
                    types = {f["name"]: f["dtype"] for f in message["fields"]}
                    dtypes = {n: f"<{t[0]}{int(t[1:]) // 8}" for n, t in types.items()}
                case "grid_update":
                    found = message["columns"].items()
                    grid = {name: numpy.frombuffer(b, dtypes[name]) for name, b in found}
                    depth = grid["rest_depth"].sum() if "rest_depth" in grid else None
                    print(message["seq"], message["ts_ns"], message["mid_price"], depth)
                case "error":
                    sys.exit(f"{message['code']}: {message['message']} ({message['hint'] or 'no hint'})")


try:
    asyncio.run(watch())
except (BrokenPipeError, KeyboardInterrupt):
    sys.exit(1)
except (OSError, ValueError, AssertionError, websockets.WebSocketException) as error:
    sys.exit(f"{URL} gives no stream: {error}. Is vp-live running there?")
