using System.CommandLine;
using Colony.Actors.Simulation;
using Colony.Cli.Simulating;
using Colony.Simulation;

namespace Colony.Cli.Commands;

/// <summary>
/// <c>colony simulate</c>: whole runs in virtual time under faults, and what they say about real ones.
/// </summary>
internal static class SimulateCommand
{
    private static readonly Option<long> Seeds = new("--seeds")
    {
        Description = "How many schedules to run, one a seed.",
        DefaultValueFactory = _ => 1000,
    };

    private static readonly Option<ulong> Seed = new("--seed") { Description = "Replays one schedule." };

    private static readonly Option<int> Workers = new("--workers")
    {
        Description = "The most workers: seed 0 takes all of them, any other draws how many.",
        DefaultValueFactory = _ => 6,
    };

    private static readonly Option<string> Faults = new("--faults")
    {
        Description = "default, workers (the coordinator stays whole), bitflips, none, or a file with a fault a line.",
        DefaultValueFactory = _ => "default",
    };

    private static readonly Option<string?> FlawName = new("--flaw")
    {
        Description = "Makes a deliberate mistake and shows which promise catches it; 'all' tries each.",
    };

    private static readonly Option<string?> TraceFile = new("--trace")
    {
        Description = "With --seed: a file that gets everything that happens.",
    };

    private static readonly Option<bool> Json = new("--json") { Description = "Prints one JSON object." };

    private static readonly Option<bool> Predict = new("--predict")
    {
        Description = "Predicts step time and goodput instead; takes the options below.",
    };

    private static readonly Option<double> ModelBytes = Number("--model-bytes", "Bytes of gradients on the wire.", 1e8);

    private static readonly Option<double> GatherBytes = Number("--gather-bytes", "Bytes gathered in a step.", 1e6);

    private static readonly Option<double> NetworkMbps = Number("--network-mbps", "Bandwidth of a worker.", 10_000);

    private static readonly Option<double> LatencyMs = Number("--latency-ms", "One hop between two workers.", 0.2);

    private static readonly Option<double> MtbfHours = Number(
        "--mtbf-hours", "Mean time between a worker's failures.", 24);

    private static readonly Option<double> ComputeSeconds =
        Number("--compute-seconds", "What one worker alone computes for a step.", 1);

    private static readonly Option<int> Ranks = new("--ranks")
    {
        Description = "Logical ranks, for --predict; as many as workers unless given.",
    };

    public static Command Create()
    {
        var command = new Command(
            "simulate", "Runs thousands of simulated runs under faults, or predicts what a cluster would do.")
        {
            Seeds, Seed, Workers, Faults, FlawName, TraceFile, Json, Predict, ModelBytes, GatherBytes, NetworkMbps,
            LatencyMs,
            MtbfHours, ComputeSeconds, Ranks,
        };
        command.SetAction(static (parsed, cancellationToken) => parsed.GetValue(Predict)
            ? PredictionView.ShowAsync(
                Model(parsed), parsed.GetValue(Workers), parsed.GetValue(Json), cancellationToken)
            : SimulateAsync(parsed, cancellationToken));
        return command;
    }

    private static Option<double> Number(string name, string description, double value) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => value,
    };

    private static Task<int> SimulateAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        bool replay = IsGiven(parsed, Seed);
        if (replay && IsGiven(parsed, Seeds))
        {
            throw new UsageException("--seed replays one schedule and --seeds runs many: give one of the two");
        }

        long seeds = replay ? 1 : parsed.GetValue(Seeds);
        var options = new CampaignOptions
        {
            FirstSeed = parsed.GetValue(Seed),
            Seeds = Whole("--seeds", seeds, CampaignOptions.MaxSeeds),
            Workers = (int)Whole("--workers", parsed.GetValue(Workers), CampaignOptions.MaxWorkers),
            Faults = FaultsOf(parsed.GetRequiredValue(Faults)),
            MeasureWith = seeds == 1 ? TimeProvider.System : null,
        };
        if (parsed.GetValue(TraceFile) is { } file && !replay)
        {
            throw new UsageException($"--trace {file} follows one schedule: give its --seed");
        }

        return RunAsync(options, parsed, cancellationToken);
    }

    private static async Task<int> RunAsync(
        CampaignOptions options, ParseResult parsed, CancellationToken cancellationToken)
    {
        using StreamWriter? trace = parsed.GetValue(TraceFile) is { } file ? new StreamWriter(file) : null;
        bool json = parsed.GetValue(Json);
        bool given = IsGiven(parsed, Faults);
        CampaignOptions traced = options with
        {
            OnTraced = trace is null ? null : entry => trace.WriteLine(entry.ToString()),
        };
        Task<int> shown = parsed.GetValue(FlawName) switch
        {
            null => CampaignView.ShowAsync(traced, json, cancellationToken),
            "all" => FlawView.ShowAsync(options, [.. Enum.GetValues<Flaw>().Skip(1)], given, json, cancellationToken),
            { } name => FlawView.ShowAsync(traced, [FlawOf(name)], given, json, cancellationToken),
        };
        return await shown.ConfigureAwait(false);
    }

    private static bool IsGiven(ParseResult parsed, Option option) =>
        parsed.GetResult(option) is { Implicit: false };

    private static long Whole(string option, long value, long most) => value >= 1 && value <= most
        ? value
        : throw new UsageException($"{option} is {value}; it goes from 1 to {most}");

    private static Flaw FlawOf(string name) =>
        Enum.TryParse(name, ignoreCase: true, out Flaw flaw) && Enum.IsDefined(flaw) && flaw != Flaw.None
        && !char.IsDigit(name[0])
            ? flaw
            : throw new UsageException(
                $"there is no flaw '{name}'; there are: all, {string.Join(", ", Enum.GetNames<Flaw>().Skip(1))}");

    private static FaultSet FaultsOf(string name)
    {
        if (FaultSet.All.FirstOrDefault(f => f.Name == name) is { } known)
        {
            return known;
        }

        if (!File.Exists(name))
        {
            throw new UsageException(
                $"--faults '{name}' is no set of faults ({string.Join(", ", FaultSet.All.Select(f => f.Name))}) "
                + "and no file");
        }

        try
        {
            return new FaultSet(
                name, FaultProfile.None, FaultSet.Default.Network, FaultText.ParseSchedule(File.ReadAllText(name)));
        }
        catch (FormatException wrong)
        {
            throw new UsageException($"{name}: {wrong.Message}");
        }
    }

    private static ClusterModel Model(ParseResult parsed)
    {
        int workers = (int)Whole("--workers", parsed.GetValue(Workers), CampaignOptions.MaxWorkers);
        double Positive(Option<double> option, double most = double.MaxValue)
        {
            double value = parsed.GetValue(option);
            return value > 0 && value <= most
                ? value
                : throw new UsageException($"{option.Name} is {value}; it must be more than zero"
                    + (most < double.MaxValue ? $" and at most {most}" : string.Empty));
        }

        return new ClusterModel
        {
            ModelBytes = Positive(ModelBytes),
            GatherBytes = Positive(GatherBytes),
            NetworkMbps = Positive(NetworkMbps),
            LatencyMs = Positive(LatencyMs, RecoverySimulation.MaxLatency.TotalMilliseconds),
            MtbfHours = Positive(MtbfHours),
            ComputeSeconds = Positive(ComputeSeconds),
            LogicalRanks = (int)Whole(
                "--ranks", IsGiven(parsed, Ranks) ? parsed.GetValue(Ranks) : workers, CampaignOptions.MaxWorkers),
        };
    }
}
