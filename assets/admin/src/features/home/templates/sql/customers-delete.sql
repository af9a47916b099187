delete from customers where id = {{ params.id }}
