"""What schemathesis has to know of Tongban: how scalars look, what a page is, and what a refusal is."""

import zlib
from pathlib import Path

import graphql
import schemathesis
from hypothesis import strategies as st
from schemathesis.core.failures import Failure
from schemathesis.graphql import nodes


# The schema as schemathesis prints it lacks `@oneOf`.
SCHEMA = graphql.build_schema((Path(__file__).parents[2] / "schema.graphql").read_text())


def scalar(name, *forms, known=()):
    """Text that the demo records know, or at least of the right form."""
    strategies = [st.from_regex(form, fullmatch=True) for form in forms]
    if known:
        strategies.append(st.sampled_from(known))
    schemathesis.graphql.scalar(name, st.one_of(strategies).map(nodes.String))


scalar("DistrictCode", r"[1-6][0-9]{5}(000000)?", r"[1-6][0-9]{5}-Z[0-9]{2}", known=["440115", "310112", "440100", "440000", "110000"])
scalar("MatterCode", r"[0-9]{12}", r"L[0-9A-Z]{11}", known=["LGA000000001", "LSC000000001", "LYB000000001"])
scalar("OfferingCode", r"[0-9A-Z]{31}([0-9A-Z]{2})?")
scalar("CreditCode", r"[0-9A-HJ-NPQRTUWXY]{18}", known=["11440232MB2D06811W"])
scalar("AgreementNumber", r"TB-20[0-9]{2}-00000[1-9]", known=["TB-2021-000001", "TB-2021-000002"])
scalar("Digest", r"sha-256:[0-9a-f]{64}")
scalar("Date", known=["2021-05-28", "2021-06-01", "2024-02-29", "0001-01-01", "9999-12-31"])
scalar("DateTime", known=["2021-05-28T01:30:00Z", "2026-11-24T09:30:00.123456789+08:00", "9999-12-31T23:59:59Z", "1970-01-01T00:00:00-12:00"])
scalar("URL", r"https://[a-z]{1,8}\.example/[a-z]{0,8}")
schemathesis.graphql.scalar("Revision", st.one_of(st.integers(0, 5_000), st.just(2**53 - 1)).map(nodes.Int))


def changed(node, **changes):
    """The same node but for that: nodes are never changed in place."""
    return type(node)(**{key: getattr(node, key) for key in node.keys} | changes)


class Pages(graphql.Visitor):
    """Makes of the arguments of a page some that go together."""

    def leave_field(self, node, *_):
        kept = [argument for argument in node.arguments or () if argument.name.value not in ("last", "before", "after")]
        return changed(node, arguments=tuple(self.argument(argument) for argument in kept))

    def argument(self, node):
        if node.name.value not in ("first", "limit") or not isinstance(node.value, graphql.IntValueNode):
            return node
        return changed(node, value=graphql.IntValueNode(value=str(int(node.value.value) % 101)))


@schemathesis.hook
def map_body(context, body):
    # Page arguments that are valid by type but refused are generated sometimes.
    is_left = zlib.crc32(graphql.print_ast(body).encode()) % 3 == 0
    return body if is_left else graphql.visit(body, Pages())


# Error codes for mistakes of the caller.
INVALID = {"GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED"}
REFUSALS = INVALID | {"BAD_USER_INPUT", "EPOCH_CHANGED", "FORBIDDEN", "OPERATION_TOO_COSTLY"}


def wrong(case):
    """What another implementation of GraphQL says against the document."""
    return [error.message for error in graphql.validate(SCHEMA, graphql.parse(case.body))]


def is_of_size(message):
    """Ours looks at how large a number is only when it comes to the field, which may stand under a null."""
    return "non 32-bit signed integer" in message


# Replaces three checks: `not_a_server_error` reports a missing role as a server error, `positive_data_acceptance` reports every
# refusal, though a type cannot express "at most a hundred", and `negative_data_rejection` does not know how documents were
# changed above.
@schemathesis.check
def an_answer_is_one_of_the_contract(ctx, response, case):
    answer = response.json()
    codes = {error.get("extensions", {}).get("code") for error in answer.get("errors", []) if error.get("message")}
    fault = None
    if response.status_code != 200 or not ("data" in answer or codes):
        fault = "an answer that is none"
    elif not codes <= REFUSALS or ("errors" in answer and not codes):
        fault = "an error that the contract does not know"
    elif not codes and not all(map(is_of_size, wrong(case))):
        fault = "what is wrong is answered"
    elif codes & INVALID and not wrong(case):
        fault = "what is right is refused"
    if fault:
        raise Failure(operation=case.operation.label, title=fault, message=response.text)
