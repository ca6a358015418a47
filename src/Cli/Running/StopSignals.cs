using System.Runtime.InteropServices;

namespace Colony.Cli.Running;

/// <summary>SIGTERM and Ctrl-C as a token instead of a death.</summary>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _asked = new();
    private readonly PosixSignalRegistration _interrupt;
    private readonly PosixSignalRegistration _terminate;

    /// <summary>Listens until disposed.</summary>
    /// <param name="ignoreInterrupt">Ctrl-C reaches the whole process group; a child leaves it to its parent.</param>
    public StopSignals(bool ignoreInterrupt)
    {
        _interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
        {
            context.Cancel = true;
            if (!ignoreInterrupt)
            {
                _asked.Cancel();
            }
        });
        _terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            _asked.Cancel();
        });
    }

    public CancellationToken Asked => _asked.Token;

    public void Dispose()
    {
        _interrupt.Dispose();
        _terminate.Dispose();
        _asked.Dispose();
    }
}
