insert into customers (name, email, country, plan)
values ({{ params.name }}, {{ params.email }}, {{ params.country }}, {{ params.plan }})
