"""What meets the world: the runner, the transports, TLS and file transfer, on asyncio and on trio."""
