"""The rubric of an environment for verifiers. Nothing in here knows of the bridge."""

import verifiers as vf

parser = vf.XMLParser(["think", "answer"], answer_field="answer")


def correct(completion, answer, parser):
    return float(parser.parse_answer(completion) == answer)


def tidy(completion, parser):
    """1 when thoughts and answer stand in their own tags."""
    return float(parser.parse(completion[-1]["content"]).think is not None)


rubric = vf.Rubric(funcs=[correct, tidy], weights=[0.75, 0.25], parser=parser)
