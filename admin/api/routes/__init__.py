"""The API's routes: a request is read strictly, handed to an action, and answered with JSON.

May import the actions, `store` for what is only read, and the strict reader of bodies; decides nothing that an action
or `cases.roles` decides.
"""
