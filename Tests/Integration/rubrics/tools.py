def sum_is_three(action, observation):
    result = observation.get("result") or {}
    return 1.0 if result.get("data") == 3 else 0.0
