#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The language of mayfish, and its command line.  No appliance is started
# here.
. "$(dirname "$0")/../lib.sh"
cd "$work" || exit 1
export HOME=$work

# same TEXT COMMAND...: it succeeds and prints exactly that.
same()
{
    local want=$1 got
    shift
    got=$("$@" < /dev/null) || fail "'$*' exited $?"
    [ "$got" = "$want" ] || fail "'$*' printed '$got', not '$want'"
}

# script TEXT WANT: the script prints exactly that.
script()
{
    local got
    got=$(printf '%s\n' "$1" | mayfish) || fail "script '$1' exited $?"
    [ "$got" = "$2" ] || fail "script '$1' printed '$got', not '$2'"
}

# The command line: commands between colons; no quoting, no pipes.
same "a b" mayfish echo a b
same $'a\nb' mayfish echo a : echo b
same $'a' mayfish echo a :
same "a | b" mayfish echo a '|' b
same '"a" ~ #' mayfish echo '"a"' '~' '#'
same "x" mayfish -- -nosuch : echo x
same $'a' mayfish echo a : quit : echo b
expect_error 2 '^mayfish: empty command' mayfish : echo a
expect_error 2 '^mayfish: empty command' mayfish echo a : : echo b
expect_error 2 "^mayfish: no command follows '-'" mayfish -- -

# Scripts.
script $'# comment\n\n  \necho a  "b  c" \'d "e\'' 'a b  c d "e'
script $'echo "\\x41\\102\\t|"' $'AB\t|'
script $'echo a#b # c' 'a#b # c'
script $'echo x\r\necho "y"\r' $'x\ny'
script $'EcHo a\nhelp quit | head -2 | tail -1' $'a\n    quit - leave the shell'
script 'echo ~ ~/x "~" a~' "$HOME $HOME/x ~ a~"
script $'!echo host\n<!printf "echo 1\\necho 2\\n"' $'host\n1\n2'
script $'-!false\n- nosuch\necho on 2>&1' 'on 2>&1'
script $'quit\necho no' ''
script $'echo abc | tr b x\necho after' $'axc\nafter'
script $'lcd /\n!pwd' '/'
script $'setenv A b\n!echo $A\nunsetenv A\n!echo "<$A>"' $'b\n<>'
script $'not cat /x\nnot not echo x' 'x'
script $'set-memsize 1k\nget-memsize\nset-memsize 0x400\nget-memsize' \
    $'1024\n1024'
script $'set-verbose YES\nget-verbose\nset-verbose f\nget-verbose' $'true\nfalse'
script $'verbose on\nget_verbose\nset_verbose off' 'true'

# A reader that goes away does not take stdout with it.
script $'help -l | head -1\necho still here' \
    $'    Command              Description\nstill here'
# ... and our own reader ends us quietly.
{ mayfish -h 2> err || echo $? > code; } | head -1 > /dev/null
[ ! -s err ] || fail "said '$(cat err)' to a closed pipe"

# A long line is one line.
long=$(printf 'x%.0s' $(seq 100000))
script "echo $long" "$long"

# From a file; errors say where.
printf 'echo a\n\necho "b\n' > s
expect_error 2 '^mayfish: s:3: unterminated double quote$' mayfish -f s
printf '#!/usr/bin/mayfish -f\necho ok\n' > s
same ok mayfish -f s
expect_error 2 'either -f or commands' mayfish -f s echo x
expect_error 2 "^mayfish: cannot open nosuch" mayfish -f nosuch
printf 'cat /a\necho no\n' > s
expect_error 1 "^mayfish: s:1: cat: .*type 'run'" mayfish -f s
[ -z "$(mayfish -f s 2> /dev/null)" ] || fail "went on after an error"
printf 'nosuch' > s
expect_error 2 '^mayfish: s:1: nosuch: unknown command; .help' mayfish -f s
printf '!exit 3' > s
expect_error 1 'exited with code 3' mayfish -f s

printf 'not echo x' > s
expect_error 1 "not: 'echo' succeeded" mayfish -f s
printf 'not set-smp 0' > s
expect_error 2 'out of range' mayfish -f s

# Words and types.
expect_error 2 'cat: incorrect number of arguments; usage: cat path' mayfish cat
expect_error 2 "set-memsize: memsize: 'x' is not a number" mayfish set-memsize x
expect_error 2 "set-memsize: memsize: '1m': unknown unit 'm'" mayfish set-memsize 1m
expect_error 2 'set-memsize: .*out of range, 0 to 65536' mayfish set-memsize 1G
expect_error 2 "verbose: invalid boolean 'maybe'" mayfish set-verbose maybe
expect_error 2 'set-smp: .*out of range' mayfish set-smp 0
expect_error 2 'unterminated quote' mayfish available "'a"
expect_error 2 'unknown optional argument' mayfish add x foo:bar
expect_error 2 'twice' mayfish add x format:raw format:raw
expect_error 2 'one word too many' mayfish add x y

# Help, and what is generated from the table of calls.
same "$(mayfish -h cat)" mayfish help cat
grep -q '^cat  ' <<< "$(mayfish -h)" || fail "-h does not list cat"
expect_error 2 'unknown command' mayfish -h nosuch
grep -q -- '--keys-from-stdin' <<< "$(mayfish --help)" || fail "--help is short"
[ "$(mayfish --version)" = "$(mayfish -V)" ] || fail "-V and --version differ"
for shell in bash zsh fish; do
    mayfish --print-completion "$shell" > c
    grep -q 'list-filesystems' c || fail "$shell: commands are missing"
    grep -q 'keys-from-stdin' c || fail "$shell: options are missing"
done
bash -n <(mayfish --print-completion bash) || fail "bash completion is broken"
expect_error 2 'no completion' mayfish --print-completion csh
if command -v groff > /dev/null; then
    [ -z "$(mayfish --print-manual | groff -man -ww -z 2>&1)" ] ||
        fail "the manual is not clean roff"
fi

# JSON.
mayfish --json version | python3 -c '
import json, sys
v = json.load(sys.stdin)
assert sorted(v) == ["extra", "major", "minor", "release"], v'

# Bad options.
expect_error 2 "unknown option '--nosuch'; try 'mayfish --help'" mayfish --nosuch
expect_error 2 "unknown option '-Z'" mayfish -Z
expect_error 2 "needs a value" mayfish -a
expect_error 2 "contradict" mayfish --ro --rw
expect_error 2 "put it before" mayfish --format=raw
expect_error 2 "use 512 or 4096" mayfish --blocksize=1
expect_error 2 "cannot be used together" mayfish -i -m /dev/sda1
expect_error 2 "ID:key:STRING" mayfish --key nonsense
expect_error 2 "does not start with" mayfish -m /dev/sda1:x
expect_error 2 "unknown disk type" mayfish -N nosuch
expect_error 2 "too many parameters" mayfish -N disk:1G:x
expect_error 3 "nosuch.img: No such file or directory; check" mayfish -a nosuch.img
expect_error 3 "is a directory" mayfish -a "$work"
if [ "$(id -u)" -ne 0 ]; then
    : > secret
    chmod 0 secret
    expect_error 3 "read permission" mayfish -a secret
fi

# Every error is one line.
for words in '-a nosuch.img' 'nosuch' 'cat' '--nosuch' '-f nosuch'; do
    # shellcheck disable=SC2086
    n=$({ mayfish $words 2>&1 < /dev/null || true; } | wc -l)
    [ "$n" -eq 1 ] || fail "'$words' said $n lines"
done
