#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# mayfly-inspector --each: one line for each image, in the order given,
# whatever happens to the others; the jobs run in parallel, and Ctrl-C leaves
# nothing running and no files.
. "$(dirname "$0")/../lib.sh"
cd "$work"
gpt=$("$srcdir/tests/images/get.sh" gpt)
truncate -s 1M empty.img
printf 'QFI\373\0\0\0\3' > short.qcow2

expect_error 2 "no disk" mayfly-inspector --each
expect_error 2 "without -a" mayfly-inspector --each -a empty.img
code=0
mayfly-inspector --each -j 2 nowhere "$gpt" empty.img $'a\nb' short.qcow2 \
    "$gpt" > lines || code=$?
[ $code -eq 1 ] || fail "exit code $code"
mayfly-inspector --json -a "$gpt" > alone.json
python3 - "$gpt" << 'EOF'
import json
import sys
lines = [json.loads(line) for line in open("lines")]
gpt = sys.argv[1]
assert [d["disk"] for d in lines] == [
    "nowhere", gpt, "empty.img", "a\nb", "short.qcow2", gpt], lines
assert [d["status"] for d in lines] == [3, 0, 5, 3, 3, 0], lines
alone = json.load(open("alone.json"))
for d in lines:
    if d["status"] == 0:
        assert d["inspection"] == alone, d
        assert d["messages"] == []
    else:
        assert len(d["messages"]) == 1, d
assert lines[0]["inspection"] is None
assert "No such file" in lines[0]["messages"][0]
assert lines[2]["inspection"]["operating_systems"] == []
EOF
mayfly-inspector --each "$gpt" "$gpt" > lines || fail "two good ones"
[ "$(wc -l < lines)" -eq 2 ] || fail "$(wc -l < lines) lines"

# The same images by a list, and by folders: extents are parts of others, links
# are not followed.
printf '%s\r\n\n%s\n' "$gpt" empty.img > list
mayfly-inspector --ndjson --from-file list > lines || true
mayfly-inspector --from-file - < list > lines.2 || true
mkdir -p folder/below
truncate -s 1M folder/b.qcow2 folder/a.img folder/c-flat.vmdk folder/notes.txt \
    folder/below/d.VHD folder/c-s001.vmdk
ln -s .. folder/up
ln -s "$gpt" folder/link.img
code=0
mayfly-inspector -r folder "$gpt" > lines.3 || code=$?
[ $code -eq 1 ] || fail "exit code $code of -r"
python3 - "$gpt" << 'EOF'
import json
import sys


def rows(name):
    return [(d["disk"], d["status"]) for d in map(json.loads, open(name))]


gpt = sys.argv[1]
assert rows("lines") == rows("lines.2") == [(gpt, 0), ("empty.img", 5)]
assert rows("lines.3") == [
    ("folder/a.img", 5), ("folder/b.qcow2", 5), ("folder/below/d.VHD", 5),
    (gpt, 0)], rows("lines.3")
EOF

# A folder that cannot be read is a row; those after it are looked at.
mkdir -p shut/in
truncate -s 1M shut/z.img
chmod 000 shut/in
drop=()
[ "$(id -u)" -ne 0 ] ||
    drop=(setpriv '--bounding-set=-dac_override,-dac_read_search')
"${drop[@]}" mayfly-inspector -r shut > lines || true
chmod 700 shut/in
python3 << 'EOF'
import json
rows = [json.loads(line) for line in open("lines")]
assert [r["disk"] for r in rows] == ["shut/in", "shut/z.img"], rows
assert rows[0]["status"] == 3 and rows[1]["status"] == 5, rows
assert "Permission denied" in rows[0]["messages"][0], rows
EOF
expect_error 3 "cannot open nowhere" mayfly-inspector --from-file nowhere
printf 'a\0b\n' > zeros
expect_error 3 'zero byte' mayfly-inspector --from-file zeros
mkdir bare
expect_error 3 "no disk image was found" mayfly-inspector -r bare
expect_error 2 "for one machine" mayfly-inspector --sbom spdx -r folder
expect_error 2 "neither spdx nor" mayfly-inspector --sbom swid empty.img

# An interrupt ends all of it.
for i in $(seq 40); do
    ln -s "$gpt" "$i.img"
done
code=0
# shellcheck disable=SC2016
setsid -w sh -c 'echo $$ > session; exec "$@"' sh \
    timeout --preserve-status -s INT 1 mayfly-inspector --each -j 2 ./*.img \
    > lines 2> said || code=$?
[ "$code" -eq 130 ] || fail "exit code $code after an interrupt: $(cat said)"
[ "$(wc -l < lines)" -lt 40 ] || fail "not interrupted"
! pgrep -s "$(cat session)" > left || fail "processes are left: $(cat left)"
