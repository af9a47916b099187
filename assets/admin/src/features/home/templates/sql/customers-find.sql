select id, name, email, country, plan, since
from customers
order by name
