"""What an environment's package holds beside its server: models and rubrics, with nothing of the bridge in them."""
