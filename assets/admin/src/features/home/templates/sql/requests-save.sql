insert into requests (sender, message)
values ({{ params.sender }}, {{ params.message }})
