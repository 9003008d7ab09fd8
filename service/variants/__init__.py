"""Any notation or file of variants -> normalised variant calls with consequences."""
