#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""random.py FOLDER N SEED: N files of odd sizes in FOLDER, each with its own
mixture of data, zeroes and holes, in pieces of odd lengths."""

import os
import random
import sys

LIMITS = (1, 512, 4096, 65536, 131072, 1 << 20, 2 << 20)


def size(r, most):
    """Near a limit, or anywhere; small as often as large."""
    if r.random() < 0.4:
        return max(0, min(most, r.choice(LIMITS) * r.randint(1, 3) +
                          r.randint(-2, 2)))
    return int(2 ** r.uniform(0, most.bit_length() - 1))


def main():
    folder, count, seed = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    for i in range(count):
        r = random.Random(f"{seed}.{i}")
        with open(os.path.join(folder, f"r{i}"), "wb") as f:
            total, at = size(r, 8 << 20), 0
            while at < total:
                n = min(size(r, 4 << 20) + 1, total - at)
                kind = r.choice(("data", "data", "zeroes", "hole"))
                f.seek(at)
                if kind == "data":
                    f.write(r.randbytes(n))
                elif kind == "zeroes":
                    f.write(bytes(n))
                at += n
            f.truncate(total)


main()
