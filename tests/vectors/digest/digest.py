"""Computes the digest of an agreement's version from its line alone, as README.md says, with an implementation of
RFC 8785 that is not the registry's, and compares it with the vectors.

    pip install -r requirements.txt
    python3 digest.py *.json            proves the vectors
    python3 digest.py --write *.json    works `canonical` and `digest` out anew, for a vector that is added
"""

import hashlib
import json
import sys

import rfc8785

TEXTS = ["title", "documentNumber", "effectiveFrom", "effectiveTo", "runOut", "framework", "replaces"]
RULES = {"amendmentRule": "ALL", "concludes": "ALL", "admission": "ALL", "noticeDays": 30}
USUAL_OBJECTION_DAYS = 15
WINDOW_DEPTH = ["RECEIVE", "FORMAL_CHECK", "IDENTITY_CHECK", "ONE_TIME_NOTICE"]


def present(record, fields):
    """The fields that are stated; null and what is left out are the same."""
    return {field: record[field] for field in fields if record.get(field) is not None}


def terms_of(clause):
    terms = clause.get("terms") or {}
    mode = clause["mode"]
    if mode == "FULL_ONLINE":
        given = terms.get("fullOnline") or {}
        online = present(given, ["url", "identityLevel", "resultDelivery"])
        if given.get("certificatesAccepted"):
            online["certificatesAccepted"] = given["certificatesAccepted"]
        return {"fullOnline": online}
    if mode == "PROXY_COLLECTION":
        given = terms.get("proxyCollection") or {}
        fields = ["transferChannel", "transferDays", "materialPostage", "resultPostage", "resultReturn", "supplementRule"]
        return {"proxyCollection": {"windowDepth": given.get("windowDepth") or WINDOW_DEPTH, **present(given, fields)}}
    if mode == "MULTI_SITE_JOINT":
        given = terms.get("multiSiteJoint") or {}
        steps = [present(step, ["district", "role", "task", "days"]) for step in given.get("steps") or []]
        return {"multiSiteJoint": {"steps": steps}}
    raise ValueError(f"the mode {mode} is not known to format 1")


def clause_of(place, clause):
    sides = {side: sorted(clause[side]) for side in ["receiving", "competent"] if clause.get(side)}
    return {
        "key": clause.get("key") or str(place),
        **sides,
        "matters": sorted(clause["matters"]),
        "mode": clause["mode"],
        "terms": terms_of(clause),
        **present(clause, ["modeLabel", "batch", "validFrom", "validTo"]),
    }


def is_named(party, proposal):
    """Is it a party by the text, and no newcomer to it?"""
    earlier = party.get("earlier") or []
    came_back = bool(earlier) and earlier[0].get("validFrom") is None
    asked = proposal.get("needs") == "SIGNATORIES" and party["district"] in proposal.get("signers", [])
    return party.get("joinedOn") is None or came_back or asked


def agreed(agreement, number):
    versions = agreement.get("versions") or [agreement]
    version = next(version for version in versions if (version.get("version") or 1) == number)
    content = {"format": 1, "number": agreement["number"], "version": number, **present(version, ["baseVersion", *TEXTS])}
    for rule, usual in RULES.items():
        content[rule] = usual if version.get(rule) is None else version[rule]
    if version.get("objectionDays") not in (None, USUAL_OBJECTION_DAYS):
        content["objectionDays"] = version["objectionDays"]
    if version.get("renewal"):
        renewal = version["renewal"]
        days = renewal.get("objectionDays")
        content["renewal"] = {"months": renewal["months"], "objectionDays": 30 if days is None else days}
    parties = [party for party in version["parties"] if is_named(party, version.get("proposal") or {})]
    content["lead"] = version.get("lead") or version["parties"][0]["district"]
    named = [{"district": party["district"], "extent": party.get("extent") or "SELF"} for party in parties]
    content["parties"] = sorted(named, key=lambda party: party["district"])
    content["schedule"] = [clause_of(place, clause) for place, clause in enumerate(version.get("schedule") or [], 1)]
    return content


def main(arguments):
    write = "--write" in arguments
    wrong = 0
    paths = [argument for argument in arguments if argument != "--write"]
    for path in paths:
        with open(path, encoding="utf-8") as file:
            vector = json.load(file)
        canonical = rfc8785.dumps(agreed(vector["agreement"], vector["version"]))
        worked_out = {"canonical": canonical.decode("utf-8"), "digest": "sha-256:" + hashlib.sha256(canonical).hexdigest()}
        if write:
            with open(path, "w", encoding="utf-8") as file:
                json.dump({**vector, **worked_out}, file, ensure_ascii=False, indent=2)
                file.write("\n")
        elif {key: vector.get(key) for key in worked_out} != worked_out:
            wrong += 1
            print(f"{path}: {vector.get('digest')} is stated, {worked_out['digest']} is right", file=sys.stderr)
    print(f"{len(paths)} vectors, {wrong} wrong")
    return 1 if wrong or not paths else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
