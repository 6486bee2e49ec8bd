"""Uses the client that was generated from the API's document, and prints its results as JSON.

A separate program: it runs with the generated package on its path, and without ours.
"""

import json
import sys

from registry_client import AuthenticatedClient, Client
from registry_client.api.commands import publish_trial
from registry_client.api.reads import read_trial, search
from registry_client.models import Problem, PublishTrial, SearchAnswer, TrialAnswer


def main(address: str, token: str, trial: str, draft: str, key: str) -> None:
    """Reads a published trial, looks for one that isn't there, and publishes a draft that lacks nearly everything."""
    anybody = Client(base_url=address, raise_on_unexpected_status=True)
    office = AuthenticatedClient(base_url=address, token=token, raise_on_unexpected_status=True)
    read, found = read_trial.sync(trial, client=anybody), search.sync(client=anybody, q="肺癌")
    unknown = read_trial.sync("JTR-nothing", client=anybody)
    refused = publish_trial.sync(draft, client=office, body=PublishTrial(), idempotency_key=key)
    for answer, model in ((read, TrialAnswer), (found, SearchAnswer), (unknown, Problem), (refused, Problem)):
        assert isinstance(answer, model)
    results = {
        "number": read.number,
        "title": read.registration.public_title.to_dict(),
        "total": found.total,
        "unknown": [unknown.type_, unknown.status],
        "refused": [refused.type_, refused.status],
        "faults": [[fault.rule, fault.field] for fault in refused.faults],
    }
    sys.stdout.write(json.dumps(results))


if __name__ == "__main__":
    main(*sys.argv[1:])
