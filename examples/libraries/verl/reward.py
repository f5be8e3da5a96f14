import re


def compute_score(data_source, solution_str, ground_truth, extra_info=None, format_score=0.0):
    found = re.findall(r"#### (-?[\d.,]+)", solution_str)
    if not found:
        return {"score": 0.0, "format": False}
    right = found[-1].replace(",", "") == ground_truth
    return {"score": 1.0 if right else format_score, "format": True, "found": found[-1]}
