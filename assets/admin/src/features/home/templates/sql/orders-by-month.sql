select substr(ordered_on, 1, 7) as month, round(sum(total), 2) as revenue
from data
where ordered_on >= date('now', '-' || {{ params.days }} || ' days')
group by month
order by month
