"""Prints what a board of a programme (GET /v1/programmes/{programme}/board) says, a line for each region."""

import json
import sys

board = json.load(sys.stdin)
blocked: dict[tuple[str, str, str], list[str]] = {}
for region in board["regions"]:
    sites, code = region["sites"], region["region"]
    why_not = ", ".join(one["why_not"] for one in region["joining"] if "why_not" in one)
    state = region.get("state", "(not public)")
    print(f"{code}  {state:<17}  sites open: {sites['open']} of {sites['planned']}  {why_not}".rstrip())
    for wait in region["waits"]:
        actor = ", ".join(wait["organisations"]) or "time"
        question = f", question {wait['question']}" if "question" in wait else ""
        due = f", due {wait['due']['date']}" if "due" in wait else ""
        print(f"    {wait['application']} waits for {actor}: {wait['step']}{question}{due}")
for block in board["blocks"]:
    if "application" in block:
        blocked.setdefault((block["target"], block["application"], block["region"]), []).append(block["next"])
for (target, application, region), kinds in blocked.items():
    print(f"{target}  {application} in {region} blocks {', '.join(kinds)}")
