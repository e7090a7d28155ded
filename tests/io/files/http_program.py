"""A web server of starlette and uvicorn as a program: says its port as JSON and serves a folder until it is killed.

    python http_program.py FOLDER [--certificate CHAIN --key KEY]

`/files/NAME` is read with ranges and written with PUT, `/private/NAME` the same for user `user` with password `pass
word`, `/moved/NAME` refers to `/files/NAME`.
"""

from __future__ import annotations

import argparse
import base64
import json
import socket
import sys
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, RedirectResponse, Response
from starlette.routing import Route

CREDENTIALS = "Basic " + base64.b64encode(b"user:pass word").decode()


def application(folder: Path) -> Starlette:
    """The files of a folder."""

    async def get(request: Request) -> Response:
        path = folder / request.path_params["name"]
        return FileResponse(path) if path.is_file() else Response(status_code=404)

    async def put(request: Request) -> Response:
        with (folder / request.path_params["name"]).open("wb") as file:
            async for chunk in request.stream():
                file.write(chunk)
        return Response(status_code=201)

    async def serve(request: Request) -> Response:
        return await (put if request.method == "PUT" else get)(request)

    async def private(request: Request) -> Response:
        if request.headers.get("Authorization") != CREDENTIALS:
            return Response(status_code=401)
        return await serve(request)

    async def moved(request: Request) -> Response:
        return RedirectResponse(f"/files/{request.path_params['name']}", status_code=307)

    methods = ["GET", "PUT"]
    return Starlette(
        routes=[
            Route("/files/{name}", serve, methods=methods),
            Route("/private/{name}", private, methods=methods),
            Route("/moved/{name}", moved, methods=methods),
        ]
    )


def main() -> None:
    """Serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--certificate")
    parser.add_argument("--key")
    options = parser.parse_args()

    listener = socket.create_server(("127.0.0.1", 0))
    sys.stdout.write(json.dumps({"port": listener.getsockname()[1]}) + "\n")
    sys.stdout.flush()
    config = uvicorn.Config(
        application(options.folder),
        log_level="error",
        ssl_certfile=options.certificate,
        ssl_keyfile=options.key,
        lifespan="off",
    )
    uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
