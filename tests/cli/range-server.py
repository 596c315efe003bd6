#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Serve the files of this folder by HTTP, in ranges, as QEMU asks for them.

range-server.py PORT-FILE [--whole]   the port goes to PORT-FILE; --whole:
                                      the server does not support ranges

Besides, below these folders it does not do as it should:

/here/NAME     redirects to NAME           /away/NAME   to another server
/loop/NAME     for ever                    /file/NAME   to a file of the client
/cut/NAME      ends in the middle          /long/NAME   is 1 GiB longer, it says
/deaf/NAME     promises ranges and sends the whole file
/silent/NAME   never answers               /stall/NAME  nor after the first 4 KiB
"""
import http.server
import os
import re
import sys
import threading

FOLDERS = ("here", "away", "loop", "file", "cut", "long", "silent", "stall",
           "deaf")


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def redirect(self, folder, name):
        port = self.server.server_port
        self.send_response(302)
        self.send_header("Location", {
            "here": f"/{name}",
            "away": f"http://localhost:{port}/{name}",
            "loop": f"http://127.0.0.1:{port}/loop/{name}",
            "file": f"file:///{name}"}[folder])
        self.send_header("Content-Length", "0")
        self.end_headers()

    def send_head(self):
        folder, _, name = self.path[1:].partition("/")
        if folder not in FOLDERS:
            folder, name = "", self.path[1:]
        if folder in ("here", "away", "loop", "file"):
            return self.redirect(folder, name)
        if folder == "silent":
            threading.Event().wait()
        path = self.translate_path("/" + name)
        if not os.path.isfile(path):
            return self.send_error(404)
        size = os.path.getsize(path) + ((1 << 30) if folder == "long" else 0)
        first, last = 0, size - 1
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"] or "")
        if asked and len(sys.argv) == 2 and folder != "deaf":
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
                data = f.read(last + 1 - first)
            if folder == "stall" and last >= 4096:
                threading.Event().wait()
            if folder in ("cut", "long") and (folder == "cut" or
                                              len(data) < last + 1 - first):
                data = data[:len(data) // 2]
                self.close_connection = True
            self.wfile.write(data)

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
