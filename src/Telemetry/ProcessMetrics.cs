using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Colony.Telemetry;

/// <summary>
/// The process as Prometheus knows it from every language (<c>process_*</c>), and what .NET's memory and threads do
/// (<c>dotnet_*</c>). A pause of the garbage collector looks like a slow worker, so it is here to be ruled out.
/// </summary>
public sealed class ProcessMetrics : IDisposable
{
    private const string OpenFiles = "/proc/self/fd";

    private readonly Meter _meter = new(Meters.Prefix + "Process");
    private readonly Process _process = Process.GetCurrentProcess();

    /// <summary>Publishes the metrics until disposed.</summary>
    public ProcessMetrics()
    {
        AddProcess();
        AddRuntime();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _meter.Dispose();
        _process.Dispose();
    }

    private void AddProcess()
    {
        Gauge("process_resident_memory_bytes", "Memory of the process that is in RAM.", () => Fresh().WorkingSet64);
        Gauge("process_virtual_memory_bytes", "Address space of the process.", () => Fresh().VirtualMemorySize64);
        Gauge("process_threads", "Threads of the process.", () => Fresh().Threads.Count);
        var started = new DateTimeOffset(_process.StartTime.ToUniversalTime()).ToUnixTimeMilliseconds() / 1000.0;
        Gauge("process_start_time_seconds", "When the process started, in seconds since 1970.", () => started);
        _meter.CreateObservableCounter(
            "process_cpu_seconds_total",
            () => Fresh().TotalProcessorTime.TotalSeconds,
            description: "Processor time used, user and system.");
        if (Directory.Exists(OpenFiles))
        {
            Gauge(
                "process_open_fds",
                "Open file descriptors.",
                () => Directory.EnumerateFileSystemEntries(OpenFiles).Count());
        }
    }

    private void AddRuntime()
    {
        Gauge("dotnet_gc_heap_bytes", "Memory in managed objects at the last look.", () => GC.GetTotalMemory(false));
        Gauge("dotnet_threadpool_threads", "Threads of the thread pool.", () => ThreadPool.ThreadCount);
        Gauge(
            "dotnet_threadpool_queue_length", "Work waiting for the pool.", () => ThreadPool.PendingWorkItemCount);
        _meter.CreateObservableCounter(
            "dotnet_gc_pause_seconds_total",
            () => GC.GetTotalPauseDuration().TotalSeconds,
            description: "Time all threads stood still for the garbage collector.");
        _meter.CreateObservableCounter(
            "dotnet_gc_collections_total",
            () => Enumerable.Range(0, GC.MaxGeneration + 1).Select(generation => new Measurement<long>(
                GC.CollectionCount(generation), new KeyValuePair<string, object?>("generation", generation))),
            description: "Garbage collections, by generation.");
        _meter.CreateObservableCounter(
            "dotnet_allocated_bytes_total",
            () => GC.GetTotalAllocatedBytes(),
            description: "Bytes of managed objects allocated.");
    }

    private void Gauge(string name, string description, Func<double> value) =>
        _meter.CreateObservableGauge(name, value, description: description);

    private Process Fresh()
    {
        _process.Refresh();
        return _process;
    }
}
