using System.CommandLine;
using Colony.Cli.Commands;
using Colony.Coordinator;
using Colony.Data;
using Colony.Evaluator;
using Colony.Jobs;
using Colony.Orchestration;
using Colony.Rpc;
using Colony.Storage;
using Colony.Torch;
using Spectre.Console;

namespace Colony.Cli;

/// <summary>The <c>colony</c> command: its verbs, and the one place where failures become exit codes.</summary>
internal static class CommandLine
{
    /// <summary>Exit code for whatever the user can mend: input, options, files, ports.</summary>
    public const int UsersFault = 2;

    /// <summary>Exit code of a role that cannot reach what it needs at present: its coordinator, or a store.</summary>
    public const int Unreachable = WorkerCore.ExitUnreachable;

    /// <summary>Exit code after Ctrl-C where there is nothing to finish first: 128 and the signal's number.</summary>
    private const int Interrupted = 130;

    private const int RedirectedWidth = 160;

    /// <summary>The tree of verbs and options, without running any.</summary>
    public static RootCommand Root() => new("Colony trains image-text matching models, elastic and bit-exact.")
    {
        TrainCommand.Create(),
        DemoCommand.Create(),
        CoordinatorCommand.Create(),
        WorkerCommand.Create(),
        EvaluatorCommand.Create(),
        EvalCommand.Create(),
        CompareCommand.Create(),
        QueryCommand.Create(),
        DataCommand.Create(),
        CheckpointCommand.Create(),
        ModelsCommand.Create(),
        SimulateCommand.Create(),
    };

    public static async Task<int> RunAsync(string[] args)
    {
        if (Console.IsOutputRedirected)
        {
            // A file or a pipe gets plain text of any width.
            AnsiConsole.Profile.Capabilities.Ansi = false;
            AnsiConsole.Profile.Width = RedirectedWidth;
        }

        bool role = false;
        try
        {
            ParseResult parsed = Root().Parse(args);
            role = parsed.CommandResult.Command.Name is WorkerCommand.Name or EvaluatorCommand.Name;
            if (parsed.Errors.Count > 0)
            {
                throw new UsageException(Usage(parsed));
            }

            return await parsed.InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false })
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync("colony: stopped").ConfigureAwait(false);
            return Interrupted;
        }
        catch (Exception failure) when (IsUsersFault(failure))
        {
            // libtorch appends pages on its dispatcher to a sentence; every other message has an error a line.
            string[] lines = failure.Message.ReplaceLineEndings(
                "\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);
            foreach (string line in failure is TorchException ? lines[..Math.Min(1, lines.Length)] : lines)
            {
                await Console.Error.WriteLineAsync($"colony: {line}").ConfigureAwait(false);
            }

            // Whoever keeps roles alive is to try again; a person at a terminal is to look.
            return role && StorageException.MayPassIn(failure) ? Unreachable : UsersFault;
        }
    }

    // The parser speaks first of what is missing; what was written and is unknown is the likelier mistake.
    private static string Usage(ParseResult parsed)
    {
        string path = string.Join(' ', parsed.CommandResult.Command.Parents.OfType<Command>()
            .SkipLast(1).Select(c => c.Name).Reverse().Append(parsed.CommandResult.Command.Name));
        string help = parsed.CommandResult.Command is RootCommand ? "colony --help" : $"colony {path} --help";
        return parsed.UnmatchedTokens.Count > 0
            ? $"'{parsed.UnmatchedTokens[0]}' is no verb or option here; see {help}"
            : $"{parsed.Errors[0].Message.TrimEnd('.')}; see {help}";
    }

    private static bool IsUsersFault(Exception failure) =>
        failure is UsageException or JobException or DataException or StorageException or JournalException
            or ListenException
            or EvaluatorException or TorchException or ArgumentException or IOException or UnauthorizedAccessException;
}

/// <summary>The command cannot do what it was asked: one line that names what, where and the cure.</summary>
internal sealed class UsageException(string message) : Exception(message);
