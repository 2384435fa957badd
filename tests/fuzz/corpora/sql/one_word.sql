SELECT -- nothing else
