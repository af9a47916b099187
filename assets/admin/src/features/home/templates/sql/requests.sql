select id, received_at, sender, message
from requests
order by id desc
