#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Serve the files of this folder by HTTP, in ranges, as QEMU asks for them.

range-server.py PORT-FILE [--whole]   the port goes to PORT-FILE; --whole:
                                      the server does not support ranges
"""
import http.server
import os
import re
import sys


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def send_head(self):
        path = self.translate_path(self.path)
        if not os.path.isfile(path):
            return self.send_error(404)
        size = os.path.getsize(path)
        first, last = 0, size - 1
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if asked and len(sys.argv) == 2:
            first = int(asked[1])
            last = min(int(asked[2] or last), last)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {first}-{last}/{size}")
        else:
            self.send_response(200)
        if len(sys.argv) == 2:
            self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        if self.command == "GET":
            with open(path, "rb") as f:
                f.seek(first)
                self.wfile.write(f.read(last + 1 - first))

    def do_GET(self):
        self.send_head()

    def do_HEAD(self):
        self.send_head()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
with open(sys.argv[1] + ".part", "w", encoding="utf-8") as f:
    print(server.server_port, file=f)
os.rename(sys.argv[1] + ".part", sys.argv[1])
server.serve_forever()
