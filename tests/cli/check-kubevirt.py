#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Check a VirtualMachine against the schema that KubeVirt publishes.

check-kubevirt.py swagger.json MACHINE.yaml

swagger.json is api/openapi-spec/swagger.json of KubeVirt's sources.  A field
that the schema does not name is an error, as it is for kubectl create.
"""
import json
import sys

import jsonschema
import yaml

with open(sys.argv[1], encoding="utf-8") as f:
    definitions = json.load(f)["definitions"]
with open(sys.argv[2], encoding="utf-8") as f:
    machine = yaml.safe_load(f)
for definition in definitions.values():
    if definition.get("properties"):
        definition.setdefault("additionalProperties", False)
errors = list(jsonschema.Draft4Validator(
    {"$ref": "#/definitions/v1.VirtualMachine",
     "definitions": definitions}).iter_errors(machine))
for error in errors:
    print("/".join(map(str, error.path)), error.message[:200],
          file=sys.stderr)
sys.exit(bool(errors))
