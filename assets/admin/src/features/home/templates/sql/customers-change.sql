update customers set plan = {{ params.plan }} where id = {{ params.id }}
