def reward_func(queries, prompts, labels):
    responses = [query[len(prompt) :] for query, prompt in zip(queries, prompts)]
    rewards = [float(response.strip().endswith(label)) for response, label in zip(responses, labels)]
    return {"rewards": rewards, "extra_logs": {"length": [len(response) for response in responses]}}
