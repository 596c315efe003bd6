#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The bills of materials by the validators of others: CycloneDX by its own
# library (from npm), SPDX by its schema, if SPDX_SCHEMA names it
# (schemas/spdx-schema.json of github.com/spdx/spdx-spec, branch support/2.3).
. "$(dirname "$0")/../lib.sh"
cd "$work"
requires command -v npm
npm install --silent --no-audit --no-fund --ignore-scripts \
    @cyclonedx/cyclonedx-library@10.3.0 ajv@8 ajv-formats@3 \
    ajv-formats-draft2019@1 > npm.log 2>&1 ||
    skip "npm cannot install the validators: $(tail -1 npm.log)"
cat > validate.mjs << 'END'
import fs from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(process.cwd() + "/");
const cdx = require("@cyclonedx/cyclonedx-library");
const [kind, file, schema] = process.argv.slice(2);
const text = fs.readFileSync(file, "utf8");
let wrong;
if (kind === "cyclonedx") {
    wrong = await new cdx.Validation.JsonStrictValidator("1.6").validate(text);
} else {
    const rules = JSON.parse(fs.readFileSync(schema, "utf8"));
    const Ajv = require(rules.$schema.includes("2019") ? "ajv/dist/2019" : "ajv");
    const check = new Ajv({ strict: false }).compile(rules);
    wrong = check(JSON.parse(text)) ? null : check.errors;
}
if (wrong) {
    console.error(JSON.stringify(wrong, null, 1).slice(0, 2000));
    process.exit(1);
}
END

# A validator that takes everything is none.
echo '{"bomFormat": "CycloneDX", "specVersion": "1.6", "extra": 1}' > bad.json
if node validate.mjs cyclonedx bad.json 2> /dev/null; then
    fail "the validator takes an unknown field"
fi
for name in ${IMAGES:-debian packages bsd windows}; do
    image=$("$srcdir/tests/images/get.sh" "$name")
    mayfly-inspector --sbom cyclonedx -a "$image" > "$name.cdx.json"
    mayfly-inspector --sbom spdx -a "$image" > "$name.spdx.json"
    node validate.mjs cyclonedx "$name.cdx.json" || fail "$name: CycloneDX"
    [ -z "${SPDX_SCHEMA:-}" ] ||
        node validate.mjs spdx "$name.spdx.json" "$SPDX_SCHEMA" ||
        fail "$name: SPDX"
    echo "$name: $(grep -c '"purl":' "$name.cdx.json") package URLs"
done
