using System.Collections.Immutable;
using Colony.Orchestration;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator.Tests;

public sealed class RunRecordTests
{
    // Two workers report each step, and the second always after the step was committed.
    [Fact]
    public void A_steps_details_are_there_however_many_late_reports_there_were()
    {
        var record = new RunRecord(TimeProvider.System);
        for (long step = 1; step <= CoordinatorActor.MaxReportsKept + 10; step++)
        {
            record.Reported(Report(step, rate: step));
            Proto.StepApplied? told = record.Committed(step, Applied);
            Assert.Equal(step, told?.LearningRate);
            record.Reported(Report(step, rate: -1));
        }

        Assert.All(record.Steps, point => Assert.Equal(point.Step, point.LearningRate));
    }

    [Fact]
    public void A_step_that_is_done_again_has_the_details_of_its_second_time()
    {
        var record = new RunRecord(TimeProvider.System);
        foreach (double rate in new[] { 1.0, 2.0 })
        {
            for (long step = 1; step <= 3; step++)
            {
                record.Reported(Report(step, rate));
                Assert.Equal(rate, record.Committed(step, Applied)?.LearningRate);
            }
        }
    }

    private static AppliedStep Applied => new(ImmutableArray.Create(1, 2), 0.5, null, false, default);

    private static Proto.StepApplied Report(long step, double rate) => new() { Step = step, LearningRate = rate };
}
